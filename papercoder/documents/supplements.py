"""A paper with its supplements, as one paper."""

from state.paper import Block, Paper, Reference, Section


def with_supplements(paper: Paper, supplements: list[tuple[str, Paper]]) -> Paper:
    """The paper, then each supplement under a heading of its own.

    Supplements come with the name of their file, which their blocks' locations keep.  The first one's anchors begin
    with ``X1.``, so that they never clash: ``X1.S2.p3`` is paragraph 3 of its section 2.
    """
    sections, references, warnings = list(paper.sections), list(paper.references), list(paper.warnings)
    for position, (name, supplement) in enumerate(supplements, start=1):
        prefix, label = f"X{position}", f"Supplement {position}"
        sections.append(Section(id=prefix, label=label, title=f"{label}: {supplement.title}"))
        sections += [_section(section, prefix, f"Suppl. {position}", name) for section in supplement.sections]
        references += [_reference(reference, prefix) for reference in supplement.references]
        warnings += [f"{name}: {warning}" for warning in supplement.warnings]
    return paper.model_copy(
        update={"sections": tuple(sections), "references": tuple(references), "warnings": tuple(warnings)}
    )


def _section(section: Section, prefix: str, label: str, name: str) -> Section:
    return section.model_copy(
        update={
            "id": f"{prefix}.{section.id}",
            "label": f"{label} {section.label}",
            "level": section.level + 1,
            "blocks": tuple(_block(block, prefix, label, name) for block in section.blocks),
        }
    )


def _block(block: Block, prefix: str, label: str, name: str) -> Block:
    file = f"{name}/{block.location.file}" if block.location.file not in ("", name) else name
    location = block.location.model_copy(update={"file": file})
    return block.model_copy(
        update={"id": f"{prefix}.{block.id}", "label": f"{label} {block.label}", "location": location}
    )


def _reference(reference: Reference, prefix: str) -> Reference:
    label = reference.label.replace("[", f"[{prefix}:", 1)
    return reference.model_copy(update={"id": f"{prefix}.{reference.id}", "label": label})
