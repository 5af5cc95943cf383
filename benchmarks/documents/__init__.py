"""How well papers are read: the PDF path held against the LaTeX of the same paper, beside other readers."""
