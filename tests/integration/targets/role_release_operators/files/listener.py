# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes what notices post, on a port of its own, and writes each as a line: path and JSON. Ends when the folder is gone."""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

LONGEST_LIFE = 600
folder = Path(sys.argv[1])


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "/refuse" in self.path:
            self.send_response(500)
        else:
            with (folder / "posted").open("a") as posted:
                posted.write(json.dumps({"path": self.path, "body": json.loads(body)}) + "\n")
            self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments):
        pass


def end_with_folder():
    deadline = time.monotonic() + LONGEST_LIFE
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(1)
    server.shutdown()


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=end_with_folder).start()
(folder / "port.new").write_text(str(server.server_port))
(folder / "port.new").rename(folder / "port")
server.serve_forever()
