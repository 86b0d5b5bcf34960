use crate::model::dialog;
use crate::model::limits::LimitError;

/// A dialog being put together.
pub struct Dialog {
    form: String,
    title: String,
}

impl Dialog {
    pub(crate) fn finish(self) -> Result<(String, dialog::Dialog), LimitError> {
        Ok((self.form, dialog::Dialog::new(self.title)?))
    }
}
