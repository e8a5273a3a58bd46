<?php

/** Every shape in which a request can go wrong becomes one typed error that says what, where and what to do. */

declare(strict_types=1);

use Offhook\Client;
use Offhook\Errors\ApiError;
use Offhook\Errors\BadRequest;
use Offhook\Errors\Conflict;
use Offhook\Errors\Forbidden;
use Offhook\Errors\Gone;
use Offhook\Errors\KeyReused;
use Offhook\Errors\NetworkError;
use Offhook\Errors\NetworkFault;
use Offhook\Errors\NotEnoughCredit;
use Offhook\Errors\NotFound;
use Offhook\Errors\OffhookError;
use Offhook\Errors\Throttled;
use Offhook\Errors\Unauthorized;
use Offhook\Errors\Unavailable;
use Offhook\Errors\UnexpectedAnswer;
use Offhook\Errors\WrongArgument;

return with_each_transport([
    'wrong fields are named' => function (Closure $client): void {
        $peer = new Peer(Peer::json(400, ['colour' => ['There is no such field.'], 'limit' => ['Too many.', 'Odd.']]));
        $error = raised(BadRequest::class, static fn () => iterator_to_array($client($peer->url)->getDinList(colour: 'red')));
        same(['colour' => ['There is no such field.'], 'limit' => ['Too many.', 'Odd.']], $error->fields);
        same([400, 400, null, null], [$error->status, $error->getCode(), $error->apiCode, $error->help]);
        same(
            "GET $peer->url/voice/dins/ was refused (400): colour: There is no such field. limit: Too many. Odd. Correct the request.",
            $error->getMessage(),
        );
    },
    'each status has its own error' => function (Closure $client): void {
        $kinds = [
            400 => BadRequest::class, 401 => Unauthorized::class, 402 => NotEnoughCredit::class, 403 => Forbidden::class,
            404 => NotFound::class, 409 => Conflict::class, 410 => Gone::class, 422 => KeyReused::class, 429 => Throttled::class,
            503 => Unavailable::class, 500 => ApiError::class, 413 => ApiError::class, 415 => ApiError::class,
        ];
        $problem = ['detail' => 'It is so.', 'code' => 'a-code', 'help' => 'http://127.0.0.1/docs/errors/a-code'];
        $peer = new Peer(...array_map(static fn (int $status) => Peer::json($status, $problem), array_keys($kinds)));
        foreach ($kinds as $status => $kind) {
            $error = raised($kind, static fn () => $client($peer->url)->getCall('x'));
            same([$status, 'a-code', 'It is so.', []], [$error->status, $error->apiCode, $error->detail, $error->fields]);
            same('http://127.0.0.1/docs/errors/a-code', $error->help);
            contains("GET $peer->url/voice/calls/x/ was refused ($status a-code): It is so. ", $error->getMessage());
            same(true, $error instanceof OffhookError);
        }
    },
    'a sentence alone is enough' => function (Closure $client): void {
        $peer = new Peer(Peer::json(401, ['detail' => 'Invalid username/password.']));
        $error = raised(Unauthorized::class, static fn () => $client($peer->url)->getAccount());
        same([null, 'Invalid username/password.', null], [$error->apiCode, $error->detail, $error->help]);
    },
    'when to come back is told, as seconds or as a date' => function (Closure $client): void {
        $problem = ['detail' => 'Slowly.', 'code' => 'throttled', 'help' => 'h'];
        $later = gmdate('D, d M Y H:i:s', time() + 100) . ' GMT';
        $peer = new Peer(
            Peer::json(429, $problem, 'Retry-After: 7'),
            Peer::json(503, $problem, "Retry-After: $later"),
            Peer::json(429, $problem, 'Retry-After: soon'),
        );
        same(7.0, raised(Throttled::class, static fn () => $client($peer->url)->getAccount())->retryAfterS);
        $after = raised(Unavailable::class, static fn () => $client($peer->url)->getAccount())->retryAfterS;
        same(true, 90 < $after && $after <= 100);
        same(null, raised(Throttled::class, static fn () => $client($peer->url)->getAccount())->retryAfterS);
    },
    'what is no answer of the API is told as what it is' => function (Closure $client): void {
        $cases = [
            [Peer::answer(200, '<!DOCTYPE html><p>Log in', 'Content-Type: text/html'), 'it is a page and not a document in JSON'],
            [Peer::answer(502, '<html>Bad gateway', 'Content-Type: text/html'), 'with status 502, but it is a page'],
            [Peer::answer(503, '', 'Retry-After: 1'), 'it is empty'],
            [Peer::answer(200, ''), 'it is empty'],
            [Peer::answer(204, ''), 'status 204'],
            [Peer::answer(200, 'OK'), 'it begins with "OK"'],
            [Peer::answer(200, '{"name":'), 'it begins with "{"name":"'],
            [Peer::json(200, []), 'not a document in JSON'],
            [Peer::json(200, 'text'), 'not a document in JSON'],
            [Peer::json(404, ['error' => 'no']), 'not an answer of the API'],
            [Peer::json(400, ['a' => []]), 'not an answer of the API'],
            [Peer::answer(302, '', 'Location: https://other.example/login?next=x'), 'it leads to https://other.example/login. Is'],
            [Peer::answer(200, "a\0\x1b[31m\u{202e}"), 'it begins with "a [31m "'],
        ];
        $peer = new Peer(...array_column($cases, 0));
        foreach ($cases as [, $part]) {
            $error = raised(UnexpectedAnswer::class, static fn () => $client($peer->url)->getAccount());
            contains("GET $peer->url/account/ was answered", $error->getMessage());
            contains($part, $error->getMessage());
        }
    },
    'a list is a list of documents' => function (Closure $client): void {
        $peer = new Peer(Peer::json(200, ['a' => 1]), Peer::json(200, [1]), Peer::answer(200, '{}'));
        foreach (range(1, 3) as $_) {
            $error = raised(UnexpectedAnswer::class, static fn () => $client($peer->url)->getSubscriptionList());
            contains('not a list in JSON', $error->getMessage());
        }
    },
    'a sound is a sound' => function (Closure $client): void {
        $peer = new Peer(
            Peer::answer(200, "RIFF\0\xff", 'Content-Type: audio/wav'),
            Peer::answer(200, '<p>', 'Content-Type: text/html'),
            Peer::json(410, ['detail' => 'Gone.', 'code' => 'recording-gone', 'help' => 'h']),
        );
        same("RIFF\0\xff", $client($peer->url)->getRecordingAudio('r/1'));
        same('GET /voice/recordings/r%2F1/audio.wav HTTP/1.1', $peer->asked()['line']);
        raised(UnexpectedAnswer::class, static fn () => $client($peer->url)->getRecordingAudio('r', 'mp3'));
        same('recording-gone', raised(Gone::class, static fn () => $client($peer->url)->getRecordingAudio('r'))->apiCode);
        raised(WrongArgument::class, static fn () => $client($peer->url)->getRecordingAudio('r', 'ogg'));
    },
    'what speaks no HTTP is told' => function (Closure $client): void {
        $peer = new Peer("SSH-2.0-OpenSSH_9.2\r\n");
        $error = raised(UnexpectedAnswer::class, static fn () => $client($peer->url)->getAccount());
        contains('not in HTTP. Check the port', $error->getMessage());
    },
    'why no answer came has a word' => function (Closure $client): void {
        $fault = static fn (Client $client) => raised(NetworkError::class, static fn () => $client->getAccount())->fault;
        same(NetworkFault::HostNotFound, $fault($client('http://nowhere.invalid')));
        $listener = stream_socket_server('tcp://127.0.0.1:0');
        $address = stream_socket_get_name($listener, false);
        fclose($listener);
        same(NetworkFault::Refused, $fault($client("http://$address")));
        $silent = new Peer(null);
        same(NetworkFault::TimedOut, $fault($client($silent->url, timeoutS: 0.2)));
        $slow = new Peer("\0HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
        same(NetworkFault::TimedOut, $fault($client($slow->url, timeoutS: 0.2)));
        $cut = new Peer('', "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{}");
        same(NetworkFault::Broken, $fault($client($cut->url)));
        same(NetworkFault::Broken, $fault($client($cut->url)));
        $plain = new Peer(Peer::json(200, []));
        same(NetworkFault::Tls, $fault($client(str_replace('http:', 'https:', $plain->url))));
    },
    'a network error says where and what to do' => function (Closure $client): void {
        $work = static fn () => $client('http://nowhere.invalid/api/')->getCall('x');
        $error = raised(NetworkError::class, $work);
        contains('GET http://nowhere.invalid/api/voice/calls/x/: the host was not found. Check the base URL', $error->getMessage());
    },
    'a token that somebody sends back is masked' => function (Closure $client): void {
        $peer = new Peer(
            Peer::json(401, ['detail' => 'No user shop:tok-secret.']),
            Peer::answer(200, 'Authorization: Basic ' . base64_encode('shop:tok-secret')),
        );
        $error = raised(Unauthorized::class, static fn () => $client($peer->url)->getAccount());
        same('No user shop:***.', $error->detail);
        $error = raised(UnexpectedAnswer::class, static fn () => $client($peer->url)->getAccount());
        contains('Authorization: Basic ***', $error->getMessage());
        $short = new Peer(Peer::json(401, ['detail' => 'The token t is wrong, é.']));
        $error = raised(Unauthorized::class, static fn () => (new Client($short->url, 'shop', 't'))->getAccount());
        same('The token *** is wrong, é.', $error->detail);
    },
]);
