//! Which arrays of a file hold what.

use super::axes::ArrayAxis;

/// Says what the arrays of a file are, for files whose layout is not recognised.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublishedLayout {
    /// Name of each field, the array that holds it, and what that array's axes stand for.
    pub fields: Vec<(String, String, Vec<ArrayAxis>)>,
    /// The array of instants, if there is one: one for each step, or one more than steps.
    pub times: Option<String>,
    /// Name of each axis of space, and the array of its coordinates, if there is one.
    pub axes: Vec<(String, Option<String>)>,
    /// Groups that hold one sample each, in which all arrays above are looked for.
    pub groups: Vec<String>,
}

impl PublishedLayout {
    /// The path of an array in the group of a sample.
    pub(super) fn path(&self, sample: usize, array: &str) -> String {
        match self.groups.get(sample) {
            Some(group) => format!("{group}/{array}"),
            None => array.to_owned(),
        }
    }

    /// Adds a field called as its array.
    pub(super) fn field(&mut self, name: &str, roles: &[ArrayAxis]) {
        self.fields
            .push((name.to_owned(), name.to_owned(), roles.to_vec()));
    }
}
