"""What operators see: metrics and logs.

What lives here: the tables of what is told and the cheap ways of telling it. What never does: a
decision about a request, a secret.
"""
