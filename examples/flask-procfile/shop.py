import os

from flask import Flask

app = Flask(__name__)
app.secret_key = os.environ["SESSION_SECRET"]


@app.route("/ping")
def ping():
    return os.getenv("GREETING", "pong")
