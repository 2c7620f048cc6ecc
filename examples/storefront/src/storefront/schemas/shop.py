from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field


class ProductOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    sku: str
    name: str
    price: Decimal
    stock: int


class LineIn(BaseModel):
    sku: str
    quantity: int = Field(gt=0, le=100)


class OrderIn(BaseModel):
    lines: list[LineIn] = Field(min_length=1)


class OrderOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    status: str
    total: Decimal


class PaymentIn(BaseModel):
    order_id: int
    card_token: str


class PaymentOut(BaseModel):
    reference: str
    status: str


class QuoteOut(BaseModel):
    sku: str
    amount: Decimal
    days: int
