"""The Billing Info page: the saved cards, and at its bottom auto-pay.

The seed's steps: the "Billing Info" tab; at the bottom the "Auto-pay" slider; card information; Submit; Submit again at
the bottom right. Each is an address of its own, so that a reload, the back button and a log-in in between lose nothing.
"""

from gateway.billing_info import auto_pay as auto_pay
from gateway.billing_info import calendar as calendar
from gateway.billing_info import cards as cards
from gateway.billing_info import page as page
from gateway.billing_info.blueprint import pages as pages
