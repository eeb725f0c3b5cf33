//! The measures of the summary table: how to read, compare and print each.

use super::super::data::{MethodKind, MethodRow};
use super::numbers::{fixed, percent, significant};

/// One column of the summary table.
pub struct Measure {
    /// Name in a sentence; may hold sub- and superscripts.
    pub name: &'static str,
    /// Value of a method.
    pub value: fn(&MethodRow) -> Option<f64>,
    /// How a value is printed in a table and in a sentence.
    pub print: fn(f64) -> String,
    /// True when more is better.
    pub more: bool,
}

/// Mean squared errors stand in thousandths.
fn thousandths(value: f64) -> String {
    significant(1e3 * value, 3)
}

fn rank(value: f64) -> String {
    fixed(value, 3)
}

const fn measure(
    name: &'static str,
    value: fn(&MethodRow) -> Option<f64>,
    print: fn(f64) -> String,
    more: bool,
) -> Measure {
    Measure {
        name,
        value,
        print,
        more,
    }
}

/// The nine measures in the order of the table.
pub const MEASURES: [Measure; 9] = [
    measure("volume u_x", |m| m.volume_mse[0], thousandths, false),
    measure("volume u_y", |m| m.volume_mse[1], thousandths, false),
    measure("volume p", |m| m.volume_mse[2], thousandths, false),
    measure("volume ν_t", |m| m.volume_mse[3], thousandths, false),
    measure("surface p", |m| m.surface_p_mse, thousandths, false),
    measure("C_L error", |m| m.cl.relative_error, percent, false),
    measure("C_L rank", |m| m.cl.rank, rank, true),
    measure("C_D error", |m| m.cd.relative_error, percent, false),
    measure("C_D rank", |m| m.cd.rank, rank, true),
];

impl Measure {
    /// A method's value if it is a number.
    pub fn of(&self, method: &MethodRow) -> Option<f64> {
        (self.value)(method).filter(|v| v.is_finite())
    }

    /// The best of the rows of one kind, or of both ranked kinds with `None`.
    pub fn best<'a>(
        &self,
        methods: &'a [MethodRow],
        kind: Option<MethodKind>,
    ) -> Option<(&'a MethodRow, f64)> {
        let ranked = |m: &&MethodRow| match kind {
            Some(kind) => m.kind == kind,
            None => m.kind != MethodKind::Reference,
        };
        let rows = methods
            .iter()
            .filter(ranked)
            .filter_map(|m| Some((m, self.of(m)?)));
        let worth = |v: f64| if self.more { -v } else { v };
        rows.min_by(|a, b| worth(a.1).total_cmp(&worth(b.1)))
    }

    /// Whether `a` is better than `b`.
    pub fn better(&self, a: f64, b: f64) -> bool {
        if self.more { a > b } else { a < b }
    }
}
