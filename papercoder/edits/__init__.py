"""SEARCH/REPLACE edits: how a model changes files without sending them whole.

`parse_edits` reads them off an answer, `apply_edits` puts them in: all of them or none, and each exactly where its
SEARCH text stands.  What cannot be read or placed is told in an `EditError`, in words for the model.
"""

from papercoder.edits.applying import Addable, Applied, apply_edits
from papercoder.edits.blocks import Edit, EditError, Reading, has_edits, parse_edits

__all__ = ["Addable", "Applied", "Edit", "EditError", "Reading", "apply_edits", "has_edits", "parse_edits"]
