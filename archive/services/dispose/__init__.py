"""The one door for every loss. Nothing else may take a content away for good.

A plan says exactly what would go; two people sign exactly that. The *legal* half decrypts every candidate and its
neighbours and tests every active hold inside the decision, then appends ``erase``. The *privacy* half destroys the
keys that ``erase`` records name, in every vault copy, needs no key that opens content, and appends ``erased``. Then
catalogue, index, words of files and journal forget. What a crash left open, the next start finishes.

relations   which records tell of the same thing
closure     what must go together, and what stays and why
legal       the plan, and the decision under the holds
privacy     the zeroing of keys, the receipts
purge       what projections forget
finish      at each start: what is open, and keys that came back
"""
