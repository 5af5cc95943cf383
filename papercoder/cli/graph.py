"""`papercoder graph`: the pipeline, drawn from the compiled graph."""

from importlib import import_module

import click

from papercoder.cli.command import Command

EXAMPLES = """
papercoder graph
papercoder graph --xray
papercoder graph --mermaid > pipeline.mmd
papercoder graph --evaluation
"""


@click.command("graph", cls=Command, examples=EXAMPLES)
@click.option("--mermaid", is_flag=True, help="Write Mermaid, for Markdown files and GitHub.")
@click.option("--ascii", "as_ascii", is_flag=True, help="Draw with ASCII characters alone.")
@click.option("--xray", is_flag=True, help="Look into the nodes that are graphs themselves.")
@click.option("--evaluation", "of_evaluation", is_flag=True, help="Draw the graph of evaluations instead.")
def command(mermaid: bool, as_ascii: bool, xray: bool, of_evaluation: bool) -> None:
    """Draw the pipeline."""
    if mermaid and as_ascii:
        raise click.UsageError("Choose one of --mermaid and --ascii.")

    from papercoder.cli.drawing import ASCII, LINES, draw

    module = import_module("graph.evaluation" if of_evaluation else "graph.pipeline")
    drawable = module.build().get_graph(xray=xray)
    if mermaid:
        click.echo(drawable.draw_mermaid().rstrip())
        return
    edges = [(edge.source, edge.target, edge.conditional) for edge in drawable.edges]
    click.echo("\n".join(draw(list(drawable.nodes), edges, ASCII if as_ascii else LINES)))
