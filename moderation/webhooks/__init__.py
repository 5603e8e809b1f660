"""Telling a site, over HTTP, what happened: its addresses, what waits for them, and how it is sent.

What there is to tell is written by `outbox`, and made into words by `api.events`.
"""
