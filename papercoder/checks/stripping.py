def without_comments(source):
    return source
