//! Neural surrogates, their training and evaluation
