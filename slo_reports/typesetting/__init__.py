"""The process that sets PDFs: a page of HTML in, a finished PDF out.

It imports no more of the house than it needs, because every process that sets pages pays for it.
"""
