"""The local cloud's server answers one request at a time, so that nothing is lost between two."""

import importlib.util
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import Client

PROGRAM = Path(__file__).parents[3] / "lib/local/moto/serve.py"
SIGNATURE = "AWS4-HMAC-SHA256 Credential=AKIAXXXXXXXXXXXXXXXX/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=x"
SENDERS = 4
MESSAGES_EACH = 25


@pytest.fixture
def call():
    """Return a function that sends one JSON request of a service, with threads that change places all the time."""
    spec = importlib.util.spec_from_file_location("serve", PROGRAM)
    serve = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(serve)
    app = serve.one_at_a_time(DomainDispatcherApplication(create_backend_app))

    def call(service: str, target: str, **fields):
        headers = {
            "Authorization": SIGNATURE.format(service),
            "Content-Type": "application/x-amz-json-1.0",
            "Host": "127.0.0.1:5000",
            "X-Amz-Target": target,
        }
        reply = Client(app).post("/", headers=headers, data=json.dumps(fields))
        return reply.status_code, json.loads(reply.data or b"{}")

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield call
    sys.setswitchinterval(usual)


def test_a_queue_that_is_written_and_emptied_at_once_loses_no_message(call):
    _, made = call("sqs", "AmazonSQS.CreateQueue", QueueName="busy")
    url = made["QueueUrl"]
    total = SENDERS * MESSAGES_EACH
    seen = []

    def send(sender: int) -> None:
        for number in range(MESSAGES_EACH):
            call("sqs", "AmazonSQS.SendMessage", QueueUrl=url, MessageBody=f"{sender}-{number}")

    def receive() -> None:
        empty = 0
        while empty < 2 and len(seen) < total:
            wanted = {"QueueUrl": url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1}
            messages = call("sqs", "AmazonSQS.ReceiveMessage", **wanted)[1].get("Messages", [])
            empty = 0 if messages else empty + 1
            seen.extend(message["Body"] for message in messages)
            for message in messages:
                call("sqs", "AmazonSQS.DeleteMessage", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    with ThreadPoolExecutor() as pool:
        work = [pool.submit(receive), pool.submit(receive), *(pool.submit(send, sender) for sender in range(SENDERS))]
        for one in work:
            one.result()
    assert len(seen) == total
    assert len(set(seen)) == total


def test_of_many_conditional_writes_in_the_same_moment_one_works(call):
    key = {"AttributeName": "id"}
    table = {"KeySchema": [{**key, "KeyType": "HASH"}], "AttributeDefinitions": [{**key, "AttributeType": "S"}]}
    call("dynamodb", "DynamoDB_20120810.CreateTable", TableName="rows", BillingMode="PAY_PER_REQUEST", **table)

    def write(number: int) -> int:
        item = {"id": {"S": "one"}, "by": {"N": str(number)}}
        row = {"TableName": "rows", "Item": item, "ConditionExpression": "attribute_not_exists(id)"}
        return call("dynamodb", "DynamoDB_20120810.PutItem", **row)[0]

    with ThreadPoolExecutor(max_workers=16) as pool:
        assert sorted(pool.map(write, range(16))) == [200] + [400] * 15
