"""`papercoder graph`: the pipeline, drawn from the compiled graph."""

import click

from papercoder.cli.command import Command

EXAMPLES = """
papercoder graph
papercoder graph --xray
papercoder graph --mermaid > pipeline.mmd
"""


@click.command("graph", cls=Command, examples=EXAMPLES)
@click.option("--mermaid", is_flag=True, help="Write Mermaid, for Markdown files and GitHub.")
@click.option("--ascii", "as_ascii", is_flag=True, help="Draw with ASCII characters alone.")
@click.option("--xray", is_flag=True, help="Look into the nodes that are graphs themselves.")
def command(mermaid: bool, as_ascii: bool, xray: bool) -> None:
    """Draw the pipeline."""
    if mermaid and as_ascii:
        raise click.UsageError("Choose one of --mermaid and --ascii.")

    from graph.pipeline import build
    from papercoder.cli.drawing import ASCII, LINES, draw

    drawable = build().get_graph(xray=xray)
    if mermaid:
        click.echo(drawable.draw_mermaid().rstrip())
        return
    edges = [(edge.source, edge.target, edge.conditional) for edge in drawable.edges]
    click.echo("\n".join(draw(list(drawable.nodes), edges, ASCII if as_ascii else LINES)))
