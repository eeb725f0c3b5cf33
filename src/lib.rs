//! Karman
