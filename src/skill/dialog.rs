use crate::model::dialog;

/// A dialog being put together.
pub struct Dialog {
    form: String,
}

impl Dialog {
    pub(crate) fn finish(self) -> Result<(String, dialog::Dialog), std::fmt::Error> {
        Ok((self.form, dialog::Dialog {}))
    }
}
