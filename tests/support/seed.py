"""The words of the document that the product was asked for with, where a test holds something against them."""

CUSTOMER_PORTAL_EMAIL_TEMPLATE = """\
Dear Customer,

We are now offering a new Customer Portal for your convenience that will allow you to access your account with us at any time. You will now be able to log in online and view your upcoming or past services, view and pay invoices, sign up for text alerts and more.

Below is a full list of what you can do from your portal:

  • Access Account history /Customer Statement

  • View Invoices, Payments, Account Credits

  • Pay Outstanding balance.....if there is a past due balance, it will say “Past Due”

  • Pay a specific invoice(s)

  • Sign up for auto-pay

    • Once signed in, click on the "Billing Info" tab

    • Scroll to the bottom of the page and click the "Auto-pay" slider to turn it on

    • Enter your card information

    • Click "Submit", then click "Submit" again at the bottom right of the page.

    • Now you are signed up for auto-pay.

  • Opt in and out of text message notifications (service reminders)..these are NOT marketing messages

  • Contact us with any questions

To access your account, you simply need to visit our website at <<INSERT YOUR WEBSITE URL HERE>> and click on the Customer Portal link or you may visit the portal directly by going here: <<INSERT YOUR PORTAL URL HERE>>

Then you will need to click the “Sign Up” link and enter your email address (please make sure you use the same email address that you have provided to us).

You will then receive an email that contains a link for you to set up your password. You will need to enter your password twice and then submit. Once you do this you will now be able to login to the portal with this email and password. You can reset your password at any time by clicking the “Forgot Password” link on the login screen.

Please let us know if you have any questions or have trouble accessing your account!

Sincerely,

<<INSERT YOUR BUSINESS INFO HERE>>
"""  # noqa: E501 - as it was written

WHAT_YOUR_CUSTOMERS_CAN_DO = """\
What Your Customers Can Do From Their Portal

  • Access Account history /Customer Statement
  • View Invoices, Payments, Account Credits
  • Pay Outstanding balance.....if there is a past due balance, it will say “Past Due”
  • Pay a specific invoice(s)
  • Sign up for auto-pay
  • Opt in and out of text message notification
  • Contact your business using the "Contact Us" link
  • Link can be found at the top, right-hand side of the customer portal dashboard

  • Or at the bottom of the login page

IMPORTANT NOTE: Only invoices that are marked as "Sent" in your system will show in your customer's portal. If they are still marked as "Unsent" they will not show in their Invoices tab and also will not count towards their Balance Due (or past due).
"""  # noqa: E501 - as it was written
