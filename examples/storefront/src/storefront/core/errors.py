"""What can go wrong, in the shop's own terms."""


class StorefrontError(Exception):
    """Base of all errors a client may see."""

    status = 400
    code = "bad_request"


class NotFound(StorefrontError):
    status = 404
    code = "not_found"


class OutOfStock(StorefrontError):
    status = 409
    code = "out_of_stock"


class PaymentDeclined(StorefrontError):
    status = 402
    code = "payment_declined"


class NotAllowed(StorefrontError):
    status = 403
    code = "not_allowed"
