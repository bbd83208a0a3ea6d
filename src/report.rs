//! From a record and a finding to what people read: page, charts, tables, exports. Every report is a pure function of the record.
