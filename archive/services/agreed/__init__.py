"""What people proposed, signed and put in force. It knows nothing of how anything is destroyed.

papers      requests, plans, approvals, policies, folded from the ledger
agreement   signatures under plans
accounts    what the rules for accounts let a collection read
handed      the policy for hosts that may not read it
policies    which policies two people put in force
"""
