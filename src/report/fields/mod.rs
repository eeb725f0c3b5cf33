//! Field pictures of a case: truth, prediction and error side by side, over the
//! whole airfoil and close up.

mod panel;
mod strip;
mod window;

pub use panel::panels;
pub use strip::FieldStrip;
pub use window::Window;
