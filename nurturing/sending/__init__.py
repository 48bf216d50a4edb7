"""How a mail is made and handed over:

tokens, bytes, transports. Knows no database; the ledger is `nurturing/services/`.
"""
