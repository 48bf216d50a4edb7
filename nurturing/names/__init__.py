"""What the name servers say about a domain that mail comes from: asked (`asking`), judged (`spf`, `policy`, `checking`).

Knows no database and no clock; the words for what is found are in `words`.
"""
