//! Rows that visitors are given: names of columns and their values, read before the run.

/// A table, read whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data {
    columns: Vec<String>,
    cells: Vec<Box<str>>,
}

impl Data {
    pub(super) const fn new(columns: Vec<String>, cells: Vec<Box<str>>) -> Self {
        Self { columns, cells }
    }

    /// The names of the columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.cells.len() / self.columns.len().max(1)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a row in a column.
    pub fn cell(&self, row: usize, column: usize) -> Option<&str> {
        if column >= self.columns.len() {
            return None;
        }
        let at = row.checked_mul(self.columns.len())?.checked_add(column)?;
        self.cells.get(at).map(|cell| &**cell)
    }
}
