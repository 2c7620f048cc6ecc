from ..core.errors import NotAllowed, OutOfStock
from ..models import Order, OrderLine
from ..repositories import OrderRepository, ProductRepository
from ..schemas import LineIn


class OrderService:
    def __init__(self, orders: OrderRepository, products: ProductRepository):
        self.orders = orders
        self.products = products

    def place(self, user_id: int, lines: list[LineIn]) -> Order:
        order = Order(user_id=user_id, status="new")
        for line in lines:
            order.lines.append(self._reserve(line))
        return self.orders.add(order)

    def of_owner(self, order_id: int, user_id: int) -> Order:
        order = self.orders.get(order_id)
        if order.user_id != user_id:
            raise NotAllowed(f"order {order_id}")
        return order

    def _reserve(self, line: LineIn) -> OrderLine:
        product = self.products.by_sku(line.sku)
        if product.stock < line.quantity:
            raise OutOfStock(line.sku)
        product.stock -= line.quantity
        return OrderLine(sku=line.sku, quantity=line.quantity, price=product.price)
