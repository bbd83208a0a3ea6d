//! The `tipover` command.

fn main() {}
