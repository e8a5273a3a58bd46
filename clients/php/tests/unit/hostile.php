<?php

/** Whatever a server does to a connection, one error of ours comes of it, in time, and nobody else is told anything. */

declare(strict_types=1);

use Offhook\Client;
use Offhook\Errors\BadRequest;
use Offhook\Errors\NetworkError;
use Offhook\Errors\NetworkFault;
use Offhook\Errors\NotFound;
use Offhook\Errors\OffhookError;
use Offhook\Errors\Throttled;
use Offhook\Errors\UnexpectedAnswer;
use Offhook\Errors\WrongArgument;
use Offhook\Retries;

const FINE = "HTTP/1.1 200 OK\r\n";
const CHUNKED = FINE . "Transfer-Encoding: chunked\r\n\r\n";
const SHORT_S = 0.4;

$good = Peer::json(200, Peer::whole([]));
$each = static function (Closure $client, array $answers, Closure $check, float $timeoutS = 5.0): void {
    $peer = new Peer(...$answers);
    foreach (array_keys($answers) as $which) {
        try {
            $client($peer->url, timeoutS: $timeoutS)->getAccount();
            throw new AssertionError("answer $which was taken for one");
        } catch (OffhookError $error) {
            contains("GET $peer->url/account/", $error->getMessage());
            lacks('tok-secret', (string) $error);
            $check($error, $which);
        }
    }
};
$fault = static fn (NetworkFault $fault): Closure => static function (OffhookError $error, int|string $which) use ($fault): void {
    same([$which, NetworkError::class, $fault], [$which, $error::class, $error->fault ?? $error->getMessage()]);
};
$unexpected = static function (OffhookError $error, int|string $which): void {
    same([$which, UnexpectedAnswer::class], [$which, $error::class]);
};

return with_each_transport([
    'a connection that breaks is one error' => function (Closure $client) use ($each, $fault): void {
        $each($client, [
            Peer::reset(''),
            Peer::reset(FINE . 'Conte'),
            Peer::reset(FINE . "Content-Length: 100\r\n\r\n{"),
            Peer::reset(CHUNKED . "5\r\n{"),
            FINE . 'Conte',
            FINE,
            CHUNKED . "2\r\n{}\r\n",
        ], $fault(NetworkFault::Broken));
    },
    'what is no HTTP, or half of it, is no answer' => function (Closure $client) use ($each): void {
        $each($client, [
            str_repeat("\1", 1000),
            "HTTP/1.1 abc Hello\r\n\r\n{}",
            CHUNKED . "zz\r\n{}\r\n0\r\n\r\n",
            CHUNKED . "fffffffffffffffffff\r\n{}",
            FINE . "Content-Length: two\r\n\r\n{}",
            FINE . "Content-Length: -2\r\n\r\n{}",
            FINE . "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
            FINE . "Transfer-Encoding: secret\r\n\r\n{}",
            "HTTP/1.1 101 Hello\r\nUpgrade: x\r\n\r\n",
        ], static fn (OffhookError $error, int $which) => same(
            [$which, true],
            [$which, $error instanceof UnexpectedAnswer || $error->fault === NetworkFault::Broken],
        ));
    },
    'a server that drips is not listened to for ever' => function (Closure $client) use ($each, $fault): void {
        $each($client, [Peer::drip('HTTP/1.1 200 ', 'O')], $fault(NetworkFault::TimedOut), SHORT_S);
        $each($client, [Peer::drip('', "HTTP/1.1 100 Continue\r\n\r\n")], $fault(NetworkFault::TimedOut), SHORT_S);
        $each($client, [Peer::drip(FINE . 'X-Long: ', 'x')], $fault(NetworkFault::TimedOut), SHORT_S);
        $each($client, [Peer::drip(FINE . "Content-Length: 1000000\r\n\r\n", ' ')], $fault(NetworkFault::TimedOut), SHORT_S);
        $each($client, [Peer::drip(CHUNKED, "1\r\n \r\n")], $fault(NetworkFault::TimedOut), SHORT_S);
    },
    'what has no end is cut off' => function (Closure $client) use ($each): void {
        $cut = static fn (OffhookError $error, int $which) => same(
            [$which, true],
            [$which, $error instanceof UnexpectedAnswer || $error->fault === NetworkFault::Broken],
        );
        $each($client, [Peer::flood(FINE . 'X-Long: ', str_repeat('x', 65536))], $cut);
        $each($client, [Peer::flood(FINE, str_repeat("X-Many: x\r\n", 5000))], $cut);
        $each($client, [Peer::flood('', str_repeat("HTTP/1.1 100 Continue\r\n\r\n", 1000))], $cut);
        $each($client, [Peer::flood(FINE . "\r\n", str_repeat(' ', 65536))], $cut);
    },
    'nothing is unpacked' => function (Closure $client) use ($each): void {
        $packed = gzencode('{}');
        $answers = array_map(
            static fn (string $body) => Peer::answer(200, $body, 'Content-Encoding: gzip'),
            [$packed, substr($packed, 0, -9), 'no gzip'],
        );
        $each($client, $answers, static fn (OffhookError $error) => contains('compressed, which nobody asked for', $error->getMessage()));
    },
    'JSON of another program is none of this API' => function (Closure $client) use ($each, $unexpected): void {
        $bodies = ['null', '[]', '{}', '{"name": "Shop", "message": "Hello."}', '{"name": NaN}', '{"name": "\ud800"}', '[{}]'];
        $each($client, array_map(static fn (string $body) => Peer::answer(200, $body), $bodies), $unexpected);
        $whole = Peer::whole([]);
        $each($client, array_map(static fn (int $status) => Peer::json($status, $whole), [203, 206, 299, 302]), $unexpected);
        $each($client, [Peer::json(302, ['detail' => 'Moved.', 'code' => 'moved'])], $unexpected);
        unset($whole['balance']);
        $each($client, [Peer::json(200, $whole)], static fn (OffhookError $error) => contains('a document with balance', $error->getMessage()));
    },
    'credentials go along with no redirect' => function (Closure $client) use ($each): void {
        $other = new Peer(Peer::json(200, Peer::whole([])));
        $redirects = array_map(
            static fn (int $status) => Peer::answer($status, '', "Location: $other->url/stolen?token=x"),
            [301, 302, 303, 307, 308],
        );
        $each($client, $redirects, static function (OffhookError $error) use ($other): void {
            contains("it leads to $other->url/stolen.", $error->getMessage());
        });
        raised(AssertionError::class, static fn () => $other->asked(0.1));
    },
    'the next page is asked for at home' => function (Closure $client): void {
        $other = new Peer(Peer::json(200, []));
        $first = Peer::json(200, [Peer::whole([])], "Link: <$other->url/steal?after=1>; rel=\"next\"");
        $peer = new Peer($first, Peer::json(200, [Peer::whole([])]));
        same(2, iterator_count($client("$peer->url/base//")->getDinList(limit: 1)));
        same('GET /base/voice/dins/?limit=1 HTTP/1.1', $peer->asked()['line']);
        same('GET /base/voice/dins/?after=1 HTTP/1.1', $peer->asked()['line']);
        raised(AssertionError::class, static fn () => $other->asked(0.1));
    },
    'what a link holds adds no line to a request' => function (Closure $client): void {
        foreach (["\x0b", "\n"] as $sign) {
            $first = Peer::json(200, [], "Link: <?a=b c{$sign}X-Evil: 1\xff>; rel=next");
            $peer = new Peer($first, Peer::json(200, []));
            iterator_to_array($client($peer->url)->getDinList());
            $peer->asked();
            try {
                $asked = $peer->asked(0.2);
            } catch (AssertionError) {
                // To curl the link ended with its line, and so did the list.
                same("\n", $sign);
                continue;
            }
            same(1, preg_match('~^GET /voice/dins/\?a=b%20c_X-Evil:%201(?:%FF|_) HTTP/1.1\z~', $asked['line']));
            same(false, isset($asked['headers']['x-evil']));
        }
    },
    'a recording may take longer' => function (Closure $client): void {
        $slow = Peer::drip("HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\n\r\n", 'R');
        $peer = new Peer($slow);
        same(str_repeat('R', 40), $client($peer->url, timeoutS: 0.3)->getRecordingAudio('r1'));
    },
    'pages that go round in a circle come to an end' => function (Closure $client): void {
        $page = static fn (string $name) => Peer::json(200, [], "Link: <?after=$name>; rel=next");
        $peer = new Peer($page('a'), $page('b'), $page('a'));
        raised(UnexpectedAnswer::class, static fn () => iterator_to_array($client($peer->url)->getDinList()));
        foreach (['', '?after=a', '?after=b'] as $query) {
            same("GET /voice/dins/$query HTTP/1.1", $peer->asked()['line']);
        }
        raised(AssertionError::class, static fn () => $peer->asked(0.1));
    },
    'when to come back may be said in any way' => function (Closure $client) use ($each): void {
        $waits = [
            '7' => 7.0, '0' => 0.0, '-5' => null, '1.5' => null, 'soon' => null, '' => null, '3, 4' => null,
            str_repeat('9', 400) => 999999999.0, 'Mon, 01 Jan 1990 00:00:00 GMT' => 0.0,
            'Fri, 31 Dec 9999 23:59:59 GMT' => 999999999.0, 'Mon, 99 Nov 2026 06:00:00 GMT' => null,
        ];
        $answers = array_map(
            static fn (int|string $said) => Peer::json(429, ['detail' => 'Slowly.'], "Retry-After: $said"),
            array_keys($waits),
        );
        $each($client, $answers, static function (OffhookError $error, int $which) use ($waits): void {
            same(Throttled::class, $error::class);
            same([$which, array_values($waits)[$which]], [$which, $error->retryAfterS]);
        });
        $forms = ['D, d M Y H:i:s \G\M\T', 'l, d-M-y H:i:s \G\M\T', 'D M j H:i:s Y'];
        $dates = array_map(
            static fn (string $form) => Peer::json(429, ['detail' => 'Slowly.'], 'Retry-After: ' . gmdate($form, time() + 3600)),
            $forms,
        );
        $each($client, $dates, static fn (OffhookError $error) => same(true, 3000 < $error->retryAfterS && $error->retryAfterS < 3601));
    },
    'what a server says is plain before it stands in a message' => function (Closure $client): void {
        $said = ['detail' => "a\e[31m\r\n\x07b" . str_repeat('x', 20000), 'code' => "c\nd" . str_repeat('y', 20000), 'help' => "h\0"];
        $fields = ["f\e" => ["line\n  ^\u{9b} tok-secret"]];
        foreach (range(1, 1000) as $number) {
            $fields["f$number"] = [str_repeat('x', 100)];
        }
        $peer = new Peer(Peer::json(404, $said), Peer::json(400, $fields));
        $error = raised(NotFound::class, static fn () => $client($peer->url)->getAccount());
        same(["a [31m \n b", 'c dy', 'h '], [substr($error->detail, 0, 10), substr($error->apiCode, 0, 4), $error->help]);
        same([true, 0], [strlen($error->getMessage()) < 11000, preg_match('/[\e\r\x07\0]/', $error->getMessage())]);
        $error = raised(BadRequest::class, static fn () => $client($peer->url)->getAccount());
        same(["line\n  ^  ***"], $error->fields['f ']);
        same(true, strlen($error->getMessage()) < 11000);
    },
    'no argument leads elsewhere or adds a header' => function (Closure $client) use ($good): void {
        $peer = new Peer($good, $good, $good, $good, Peer::json(200, []));
        foreach (["a\r\nX-Evil: 1", "?a=b#c;%2e%2e&é\0", '../..', "a\xff"] as $id) {
            $client($peer->url)->getCall($id);
        }
        iterator_to_array($client($peer->url)->getDinList(...['contains' => "1\r\nX-Evil: 1", "a\r\nx-evil" => 'é&=']));
        foreach ([
            '/voice/calls/a%0D%0AX-Evil%3A%201/', '/voice/calls/%3Fa%3Db%23c%3B%252e%252e%26%C3%A9%00/', '/voice/calls/..%2F../',
            '/voice/calls/a%FF/', '/voice/dins/?contains=1%0D%0AX-Evil%3A%201&a%0D%0Ax-evil=%C3%A9%26%3D',
        ] as $target) {
            $asked = $peer->asked();
            same(["GET $target HTTP/1.1", false], [$asked['line'], isset($asked['headers']['x-evil'])]);
        }
    },
    'a POST that broke is sent again with its key, and the next has another' => function (Closure $client) use ($good): void {
        $peer = new Peer(Peer::reset(FINE . 'Conte'), $good, Peer::reset(''), $good);
        $shop = $client($peer->url, new Retries(sleep: static fn (float $seconds) => null));
        $shop->subscribeDin('JP1');
        $shop->subscribeDin('JP1');
        [$first, $again, $second, $other] = array_map(static fn () => $peer->asked()['headers']['idempotency-key'], range(1, 4));
        same([$first, $second, true], [$again, $other, $first !== $second]);
    },
    'a base URL that is none is refused' => function (): void {
        foreach (['127.0.0.1:8080', '//offhook.example', 'http:offhook.example', "https://a\r\nX: y/", 'https:///a', 'https://a b/'] as $url) {
            raised(WrongArgument::class, static fn () => new Client($url, 'shop', 'token'));
        }
    },
]);
