//! The words of findings and reports, in English and German.
