//! How far a prediction can be trusted: intervals, spreads, and whether a case is like those that
//! were learned from.

mod conformal;
mod ensemble;
mod ood;
mod ood_space;
mod ood_verdict;

pub use conformal::{Coverage, CrossConformal, Interval, SplitConformal, conformal_quantile};
pub use ensemble::{CoefficientSpread, FieldSpread, mean_and_std};
pub use ood::OodDetector;
pub use ood_verdict::{OodVerdict, OutsideInput, Verdict};
