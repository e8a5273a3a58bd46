<?php

/** Serves one answer of the API over TLS, with the certificate and key in the file that is named; prints its port. */

declare(strict_types=1);

require __DIR__ . '/../autoload.php';
require __DIR__ . '/Peer.php';

$context = stream_context_create(['ssl' => ['local_cert' => $argv[1]]]);
$listener = stream_socket_server('ssl://127.0.0.1:0', context: $context);
fwrite(STDOUT, substr(strrchr(stream_socket_get_name($listener, false), ':'), 1) . "\n");
// Who does not trust the certificate says nothing, which is no failure here.
$connection = @stream_socket_accept($listener, 20);
if ($connection !== false) {
    while (trim((string) fgets($connection)) !== '') {
        continue;
    }
    fwrite($connection, Peer::json(200, Peer::whole(['name' => 'Shop'])));
}
