"""A witness of transparency logs: it confirms that the log it has seen has only grown, and shows one history to all.

Whoever runs one, a trading partner for example, need not trust the gateway, and the gateway need not trust them. The
protocol is https://c2sp.org/tlog-witness, so it can also witness other logs, and other witnesses can witness ours.
"""
