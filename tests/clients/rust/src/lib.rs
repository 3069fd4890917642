//! Only there for its tests.
