//! Settings: default < file < environment; unknown keys are refused.
