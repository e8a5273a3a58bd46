<?php

/** The examples are run as their reader would run them. */

declare(strict_types=1);

const SECRETS = 'whsec_new whsec_old';

/** Ask the running example, signed or not; return status and text. */
$ask = static function (string $address, array $parameters, ?string $secret): array {
    ksort($parameters, SORT_STRING);
    $query = http_build_query($parameters, '', '&', PHP_QUERY_RFC3986);
    $t = time();
    $text = implode("\n", [$t, ...explode('&', $query)]);
    $header = "t=$t,n=" . implode(' ', array_keys($parameters)) . ',v1=' . hash_hmac('sha256', $text, (string) $secret);
    $context = stream_context_create(['http' => [
        'ignore_errors' => true,
        'header' => $secret === null ? [] : ["Offhook-Signature: $header"],
    ]]);
    $body = file_get_contents("http://$address/calls?shop=7&$query", false, $context);
    return [(int) explode(' ', $http_response_header[0])[1], $body];
};

/** Run the work while PHP's own server serves the example. */
$served = static function (Closure $work): void {
    $listener = stream_socket_server('tcp://127.0.0.1:0');
    $address = stream_socket_get_name($listener, false);
    fclose($listener);
    $command = [PHP_BINARY, '-S', $address, __DIR__ . '/../../examples/action_server.php'];
    $nowhere = ['file', '/dev/null', 'w'];
    $process = proc_open($command, [1 => $nowhere, 2 => $nowhere], $pipes, null, ['OFFHOOK_SECRET' => SECRETS] + getenv());
    try {
        $deadline = microtime(true) + 10;
        while (($connection = @stream_socket_client("tcp://$address")) === false) {
            if (microtime(true) > $deadline) {
                throw new AssertionError('the example does not listen');
            }
            usleep(20_000);
        }
        fclose($connection);
        $work($address);
    } finally {
        proc_terminate($process);
        proc_close($process);
    }
};

return [
    'the action server leads a caller through its menu' => function () use ($ask, $served): void {
        $served(static function (string $address) use ($ask): void {
            $call = ['call_id' => 'c1', 'caller' => '819012345678', 'recipient' => '815012345678'];
            same(
                [200, "gather say en \"For the office press one, to leave a message press two.\" digits=1 timeout=8"],
                $ask($address, $call + ['event' => 'incoming', 'caller_name' => 'A*B ~ +太郎'], 'whsec_new'),
            );
            same(
                [200, "transfer +81-3-5550-0123 ring=20\nvoicemail say en \"Nobody is here.\" next=self"],
                $ask($address, $call + ['event' => 'gather', 'digits' => '1'], 'whsec_old'),
            );
            same(
                [200, "voicemail say en \"Please speak after the tone.\" next=self"],
                $ask($address, $call + ['event' => 'gather', 'digits' => '2'], 'whsec_old'),
            );
            same([200, "say en \"Thank you. Goodbye.\""], $ask($address, $call + ['event' => 'voicemail'], 'whsec_old'));
            contains('Please call again', $ask($address, $call + ['event' => 'gather', 'digits' => ''], 'whsec_old')[1]);
            same([200, "reject declined"], $ask($address, $call + ['event' => 'incoming', 'anonymous' => '1'], 'whsec_old'));
        });
    },
    'the action server tells nothing to who is not the platform' => function () use ($ask, $served): void {
        $served(static function (string $address) use ($ask): void {
            $call = ['call_id' => 'c1', 'event' => 'incoming'];
            [$status, $text] = $ask($address, $call, null);
            same(403, $status);
            contains('There is no Offhook-Signature.', $text);
            [$status, $text] = $ask($address, $call, 'whsec_other');
            same([403, "No secret of ours made this signature for these values.\n"], [$status, $text]);
        });
    },
    'a number is found, subscribed and told what to say' => function (): void {
        $said = ['din' => '815012345678', 'din_uid' => 'JP1', 'action_url' => 'https://a.example/', 'renews_at' => '2026-12-23'];
        $number = Peer::whole($said);
        $taken = Peer::json(409, ['detail' => 'Taken.', 'code' => 'number-taken', 'help' => 'h']);
        $peer = new Peer(Peer::json(200, [Peer::whole(['din_uid' => 'JP0']), $number]), $taken, Peer::json(201, $number), Peer::json(200, $number));
        $environment = ['OFFHOOK_URL' => $peer->url, 'OFFHOOK_SID' => 'shop', 'OFFHOOK_TOKEN' => 'token'] + getenv();
        $command = [PHP_BINARY, __DIR__ . '/../../examples/search_and_subscribe.php', '8150', 'https://a.example/'];
        $process = proc_open($command, [1 => ['pipe', 'w']], $pipes, null, $environment);
        $printed = stream_get_contents($pipes[1]);
        same(0, proc_close($process));
        same("+815012345678 is yours and asks https://a.example/; it renews at 2026-12-23.\n", $printed);
        $lines = array_map(static fn () => $peer->asked()['line'], range(1, 4));
        same('GET /voice/dins/?prefix=8150 HTTP/1.1', $lines[0]);
        same('POST /voice/dins/subscriptions/JP1/ HTTP/1.1', $lines[3]);
    },
];
