"""moto's server with what an account has and moto lacks: requests that do not cut into each other.

moto answers requests in threads over shared lists and dictionaries. Two conditional writes can then both succeed, a
message that is sent while another is deleted is lost, and one that is received twice at once is delivered twice. Here
one request is worked on at a time; a receiver that waits for messages lets the others by. Python runs one thread at a
time anyway, so nothing gets slower.
"""

import argparse
import functools
import logging
import threading
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from moto import backends
from moto.core import responses
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.sqs import models as sqs
from werkzeug.serving import run_simple

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

turn = threading.Lock()


def one_at_a_time(app: WsgiApp) -> WsgiApp:
    """Return `app` as it answers when no two requests are worked on at once."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH")
        if length:
            # Read first: a client that stops in the middle of its upload must not stop everybody.
            environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(int(length)))
        with turn:
            return app(environ, start_response)

    return answer


def wait_aside(queue: sqs.Queue, timeout: int) -> None:
    """Wait for messages as the queue does, while other requests take their turn: only they can bring any."""
    turn.release()
    try:
        wait_for_messages(queue, timeout)
    finally:
        turn.acquire()


def is_kept(backend: sqs.SQSBackend, queue_name: str, message: sqs.Message) -> bool:
    """Whether a message is younger than its queue keeps messages; moto counts the whole queue to answer that."""
    period = backend.get_queue(queue_name).message_retention_period
    return message.sent_timestamp / 1000 + period > time.time()


def visible_messages(queue: sqs.Queue) -> list[sqs.Message]:
    """Return the messages that a receiver may have. One look at the clock serves them all: moto takes two for each."""
    now = time.time() * 1000
    return [message for message in queue._messages if message.visible_at < now and message.delayed_until <= now]


def count_in_flight(queue: sqs.Queue) -> int:
    now = time.time() * 1000
    return sum(message.visible_at >= now for message in queue._messages)


def count_delayed(queue: sqs.Queue) -> int:
    now = time.time() * 1000
    return sum(message.delayed_until > now for message in queue._messages)


def delete_message(queue: sqs.Queue, receipt_handle: str) -> None:
    """Delete a message. It was received, so it is among the first, and the rest need not be looked at."""
    if receipt_handle in queue.deleted_messages:
        return
    for place, message in enumerate(queue._messages):
        if message.had_receipt_handle(receipt_handle):
            queue.pending_messages.discard(message)
            queue.deleted_messages.update(message.all_receipt_handles)
            del queue._messages[place]
            return
    raise sqs.ReceiptHandleIsInvalid()


def query_partition(table: Table, hash_key: DynamoType | None, *rest: Any, **named: Any) -> Any:
    """Query a table as it does, among the items of one partition where no index is asked: moto walks and sorts all there are."""
    index_name = rest[6] if len(rest) > 6 else named.get("index_name")
    if index_name is not None or hash_key is None or table.range_key_attr is None:
        return query(table, hash_key, *rest, **named)
    partition = list(table.items.get(hash_key, {}).values())
    table.all_items = lambda: partition
    try:
        return query(table, hash_key, *rest, **named)
    finally:
        del table.all_items


# Asked for by every request: a folder listed and sixty files looked at, and a class walked, neither of which ever changes.
MODULES = tuple(backends.list_of_moto_modules())
backends.list_of_moto_modules = lambda: MODULES
responses.method_names_from_class = functools.cache(responses.method_names_from_class)
query = Table.query
Table.query = query_partition
wait_for_messages = sqs.Queue.wait_for_messages
sqs.Queue.wait_for_messages = wait_aside
sqs.SQSBackend.is_message_valid_based_on_retention_period = is_kept
# moto counts a queue for each message that is sent, and walks it for each that is deleted: what 5,000 wait in takes 20 ms a call.
sqs.Queue.messages = property(visible_messages)
sqs.Queue.approximate_number_of_messages_not_visible = property(count_in_flight)
sqs.Queue.approximate_number_of_messages_delayed = property(count_delayed)
sqs.Queue.delete_message = delete_message


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    port = arguments.parse_args().port
    # A line for each request would be most of the log.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = one_at_a_time(DomainDispatcherApplication(create_backend_app))
    run_simple("127.0.0.1", port, app, threaded=True, request_handler=MotoRequestHandler)


if __name__ == "__main__":
    main()
