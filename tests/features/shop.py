"""A small repository, and places in it at which something of its other files is wanted."""

from __future__ import annotations

CART = "class Cart:\n    def add_item(self, item):\n        self.items.append(item)\n"
PRICES = "def total_of(cart):\n    return sum(item.price for item in cart.items)\n"
WORDS = "".join(f"\n\ndef word_{number}(text, number):\n    return text * {number}\n" for number in range(60))
FILES = {
    "shop/cart.py": CART,
    "shop/prices.py": PRICES,
    "other/words.py": WORDS,
    "other/mail.py": "def send_mail(receiver, subject):\n    deliver(receiver, subject)\n",
}
MAIN = "from shop.cart import Cart\nfrom shop.prices import total_of\n\n\ncart = Cart()\n‸\nprint(cart)\n"
MANY = f"from other.words import {', '.join(f'word_{number}' for number in range(60))}\n\n\n‸\n"
MAIL = "from other.mail import send_mail\nfrom other.words import word_1\n\n\n‸\n"
