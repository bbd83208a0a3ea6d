//! What was typed → library calls → exit code.
