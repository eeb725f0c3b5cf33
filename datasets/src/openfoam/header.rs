//! The head of every OpenFOAM file.

/// The head of a text file of this class and name.
pub(super) fn header(class: &str, location: &str, object: &str, note: Option<&str>) -> String {
    let note = note.map_or(String::new(), |note| {
        format!("    note        \"{note}\";\n")
    });
    format!(
        "// Written by Karman\nFoamFile\n{{\n    version     2.0;\n    format      ascii;\n    \
         class       {class};\n{note}    location    \"{location}\";\n    object      {object};\n}}\n\n"
    )
}
