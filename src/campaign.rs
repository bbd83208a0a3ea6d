//! Campaigns in the words of business: recipients and minutes, and what they mean for a site.

pub mod calibrate;
