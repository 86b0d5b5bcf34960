/// One handler of one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Index of the part.
    pub part: usize,
    /// Index of its handler.
    pub handler: usize,
}
