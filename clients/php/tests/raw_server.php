<?php

/**
 * Answers requests with the very bytes that it is told, one after the other, and the last of them ever after.
 *
 * It reads a JSON array from its input: base64 of an answer, "" to hang up without one, null to say nothing at all.
 * An answer that begins with a zero byte stays without an end. An answer that is an array is bytes, what is done then
 * (`reset`, `drip`, `flood`) and the part for it.
 * It prints its port, and then each request in a line of JSON.
 */

declare(strict_types=1);

$answers = json_decode(fgets(STDIN), true);
$listener = stream_socket_server('tcp://127.0.0.1:0');
fwrite(STDOUT, substr(strrchr(stream_socket_get_name($listener, false), ':'), 1) . "\n");
$held = [];
for ($count = 0; ; $count++) {
    $connection = stream_socket_accept($listener, 60);
    if ($connection === false) {
        exit(1);
    }
    stream_set_timeout($connection, 5);
    $first = fread($connection, 1);
    if ($first === "\x16") {
        // The greeting of TLS, which this server does not know, and answers as web servers do.
        fwrite($connection, "HTTP/1.1 400 Bad Request\r\n\r\n");
        fclose($connection);
        continue;
    }
    $lines = [];
    while (($line = fgets($connection)) !== false && trim($line) !== '') {
        $lines[] = trim($lines === [] ? $first . $line : $line);
    }
    $length = 0;
    foreach ($lines as $line) {
        if (stripos($line, 'content-length:') === 0) {
            $length = (int) substr($line, 15);
        }
    }
    $body = $length > 0 ? stream_get_contents($connection, $length) : '';
    fwrite(STDOUT, json_encode(['line' => $lines[0] ?? '', 'headers' => array_slice($lines, 1), 'body' => $body]) . "\n");
    $answer = $answers[min($count, count($answers) - 1)];
    if ($answer === null) {
        $held[] = $connection;
        continue;
    }
    if (is_array($answer)) {
        [$bytes, $then, $part] = [base64_decode($answer[0]), $answer[1], base64_decode($answer[2])];
        fwrite($connection, $bytes);
        // What was sent has to leave before a reset takes it back.
        usleep(20_000);
        for ($times = $then === 'reset' ? 0 : ($then === 'drip' ? 40 : 20_000); $times > 0; $times--) {
            if (@fwrite($connection, $part) === false) {
                break;
            }
            usleep($then === 'drip' ? 60_000 : 0);
        }
        if ($then === 'reset') {
            socket_set_option(socket_import_stream($connection), SOL_SOCKET, SO_LINGER, ['l_onoff' => 1, 'l_linger' => 0]);
        }
        fclose($connection);
        continue;
    }
    $answer = base64_decode($answer);
    fwrite($connection, ltrim($answer, "\0"));
    if (str_starts_with($answer, "\0")) {
        $held[] = $connection;
    } else {
        fclose($connection);
    }
}
