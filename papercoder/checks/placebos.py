def placebos(paper, files, count):
    return [f"Gradients are clipped to a norm of {n}." for n in range(1, count + 1)]
