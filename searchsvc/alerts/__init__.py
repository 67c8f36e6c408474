"""Alerts: new hits of searches, reported by feeds, webhooks and mails.

After a publication, `update` tries the articles that are new or have changed, and records the hits of each alert and the
messages about them in one transaction. `deliver` sends the messages that are due. Whoever has published calls both, and
`searchsvc serve` starts a process of its own that follows the index. A lock lets one process at a time do so.
"""
