def evidence_problem(file, line, files):
    return "" if file in files and 0 < line <= files[file].count("\n") + 1 else "there is no such line"
