<?php

/** What is sent, how pages are read, and what a client never shows. */

declare(strict_types=1);

use Offhook\Client;
use Offhook\Errors\UnexpectedAnswer;
use Offhook\Errors\WrongArgument;
use Offhook\Script;

$good = Peer::json(200, Peer::whole(['ok' => true]));
$none = Peer::json(200, []);

return with_each_transport([
    'a request has its credentials and says what it wants' => function (Closure $client) use ($good): void {
        $peer = new Peer($good);
        same(Peer::whole(['ok' => true]), $client("$peer->url/base/")->getAccount());
        $asked = $peer->asked();
        same('GET /base/account/ HTTP/1.1', $asked['line']);
        same('Basic ' . base64_encode('shop:tok-secret'), $asked['headers']['authorization']);
        same('application/json', $asked['headers']['accept']);
        same(false, isset($asked['headers']['idempotency-key']));
    },
    'a POST is JSON with a key of its own' => function (Closure $client) use ($good): void {
        $peer = new Peer($good);
        $shop = $client($peer->url);
        $shop->subscribeDin('JP1', 'https://shop.example/?shop=7');
        $first = $peer->asked();
        same('POST /voice/dins/subscriptions/ HTTP/1.1', $first['line']);
        same('{"din_uid":"JP1","action_url":"https://shop.example/?shop=7"}', $first['body']);
        same('application/json', $first['headers']['content-type']);
        $key = $first['headers']['idempotency-key'];
        same(1, preg_match('/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/', $key));
        $shop->subscribeDin('JP1');
        same(true, $key !== $peer->asked()['headers']['idempotency-key']);
        $shop->subscribeDin('JP1', idempotencyKey: 'order-17');
        same('order-17', $peer->asked()['headers']['idempotency-key']);
        foreach (['', ' ', ' a', "a\r\nX: y", 'é', str_repeat('a', 256)] as $wrong) {
            raised(WrongArgument::class, static fn () => $shop->subscribeDin('JP1', idempotencyKey: $wrong));
        }
    },
    'each method asks for what the API has' => function (Closure $client) use ($good): void {
        $peer = new Peer($good);
        $shop = $client($peer->url);
        $cases = [
            ['POST /voice/dins/reservations/', '{"din_uid":"u"}', static fn () => $shop->reserveDin('u')],
            ['DELETE /voice/dins/reservations/u/', '', static fn () => $shop->releaseDin('u')],
            ['GET /voice/dins/subscriptions/a%2Fb%3Fc/', '', static fn () => $shop->getSubscription('a/b?c')],
            ['GET /voice/dins/subscriptions/u/diagnosis/', '', static fn () => $shop->getDiagnosis('u')],
            ['POST /voice/dins/subscriptions/u/', '{"action_url":null}', static fn () => $shop->setActionUrl('u', null)],
            [
                'POST /voice/dins/subscriptions/u/',
                '{"fallback_url":null,"default_action":"hangup"}',
                static fn () => $shop->setUrls('u', fallbackUrl: null, defaultAction: (new Script())->hangup()),
            ],
            ['POST /voice/dins/subscriptions/u/', '{}', static fn () => $shop->setUrls('u')],
            ['DELETE /voice/dins/subscriptions/u/', '', static fn () => $shop->unsubscribeDin('u')],
            ['PUT /voice/dins/subscriptions/u/rules/', '{"open":"hangup"}', static fn () => $shop->setRules('u', ['open' => 'hangup'])],
            [
                'PUT /voice/dins/subscriptions/u/rules/',
                '{"block":{"callers":["4930*"],"script":"reject busy"},"open":"hangup"}',
                static fn () => $shop->setRules('u', [
                    'block' => ['callers' => ['4930*'], 'script' => (new Script())->reject()],
                    'open' => (new Script())->hangup(),
                ]),
            ],
            ['GET /voice/dins/subscriptions/u/rules/', '', static fn () => $shop->getRules('u')],
            ['GET /voice/dins/subscriptions/u/rules/preview/', '', static fn () => $shop->previewRules('u')],
            [
                'GET /voice/dins/subscriptions/u/rules/preview/?at=2026-12-24T01%3A00%3A00.000000Z&caller=81&anonymous=1',
                '',
                static fn () => $shop->previewRules('u', new DateTime('2026-12-24T10:00:00+09:00'), '81', true),
            ],
            ['DELETE /voice/dins/subscriptions/u/rules/', '', static fn () => $shop->deleteRules('u')],
            ['GET /voice/calls/c/', '', static fn () => $shop->getCall('c')],
            ['POST /voice/calls/c/', '{"action":"hangup"}', static fn () => $shop->directCall('c', (new Script())->hangup())],
            ['POST /voice/calls/c/', '{"status":"completed"}', static fn () => $shop->hangUpCall('c')],
            ['GET /voice/calls/c/commands/d/', '', static fn () => $shop->getCommand('c', 'd')],
            ['GET /voice/recordings/r/', '', static fn () => $shop->getRecording('r')],
            ['POST /voice/recordings/r/', '{"heard":false}', static fn () => $shop->markRecording('r', false)],
            ['GET /voice/recordings/r/link/', '', static fn () => $shop->getRecordingLink('r')],
            ['DELETE /voice/recordings/r/', '', static fn () => $shop->deleteRecording('r')],
            ['GET /account/signing/', '', static fn () => $shop->getSigning()],
            ['POST /account/signing/', '{"sign_origins":"https://a https://b"}', static fn () => $shop->setSigning(['https://a', 'https://b'])],
            ['POST /account/signing/secret/', '{"old_secret":"keep"}', static fn () => $shop->rotateSigningSecret()],
            ['POST /account/signing/secret/', '{"old_secret":"drop"}', static fn () => $shop->rotateSigningSecret(dropOld: true)],
            ['DELETE /account/signing/secret/', '', static fn () => $shop->removeSigningSecret()],
        ];
        foreach ($cases as [$line, $body, $work]) {
            same(Peer::whole(['ok' => true]), $work());
            $asked = $peer->asked();
            same(["$line HTTP/1.1", $body], [$asked['line'], $asked['body']]);
        }
    },
    'lists are asked for with their filters' => function (Closure $client) use ($none): void {
        $peer = new Peer($none);
        $shop = $client($peer->url);
        $day = new DateTimeImmutable('2026-11-01T09:00:00+09:00');
        $cases = [
            ['/voice/dins/?prefix=813&max_monthly_cost=700.5&features=transfer%2Cverification&limit=10', $shop->getDinList(
                prefix: '813',
                maxMonthlyCost: 700.5,
                country: null,
                features: ['transfer', 'verification'],
                limit: 10,
            )],
            ['/voice/dins/?max_minute_cost=100000000000000000000', $shop->getDinList(max_minute_cost: 1e20)],
            ['/voice/dins/?colour=a%20%2B%26%C3%A9', $shop->getDinList(...['colour' => 'a +&é'])],
            ['/voice/dins/reservations/', $shop->getReservationList(...)],
            ['/voice/dins/subscriptions/', $shop->getSubscriptionList(...)],
            ['/voice/calls/?since=2026-11-01T00%3A00%3A00.000000Z&status=completed', $shop->getCallList(since: $day, status: 'completed')],
            ['/voice/calls/c/timeline/', static fn () => $shop->getTimeline('c')],
            ['/voice/recordings/?heard=false', $shop->getRecordingList(heard: false)],
            ['/account/ledger/?until=2026-11-01T00%3A00%3A00.000000Z', $shop->getLedger(until: $day)],
            ['/account/usage/?since=2026-11-01', $shop->getUsage(since: $day)],
            ['/account/breakers/', $shop->getBreakers(...)],
        ];
        foreach ($cases as [$path, $list]) {
            same([], $list instanceof Generator ? iterator_to_array($list) : $list());
            same("GET $path HTTP/1.1", $peer->asked()['line']);
        }
        raised(WrongArgument::class, static fn () => $shop->getDinList('813'));
        raised(WrongArgument::class, static fn () => $shop->getDinList(features: [['a']]));
        raised(WrongArgument::class, static fn () => $shop->getDinList(maxMonthlyCost: INF));
    },
    'pages follow one another when they are needed, and never to another host' => function (Closure $client): void {
        $peer = new Peer(
            Peer::json(200, array_map(Peer::whole(...), [['din' => '1'], ['din' => '2']]), 'Link: </x>; rel="prev", <https://elsewhere.example/steal/?limit=2&after=2>; rel="next"'),
            Peer::json(200, [Peer::whole(['din' => '3'])], 'Link: <https://elsewhere.example/?limit=2>; rel="nextest"'),
        );
        $list = $client($peer->url)->getDinList(limit: 2);
        same('1', $list->current()['din']);
        same('GET /voice/dins/?limit=2 HTTP/1.1', $peer->asked()['line']);
        same([0, 1, 2], array_keys(iterator_to_array($list)));
        same('GET /voice/dins/?limit=2&after=2 HTTP/1.1', $peer->asked()['line']);
    },
    'a page that leads to itself ends in an error' => function (Closure $client): void {
        $peer = new Peer(Peer::json(200, [Peer::whole(['din' => '1'])], 'Link: </?limit=1>; rel=next'));
        $error = raised(UnexpectedAnswer::class, static fn () => iterator_to_array($client($peer->url)->getDinList(limit: 1)));
        contains('in a circle', $error->getMessage());
    },
    'a redirect is not followed' => function (Closure $client): void {
        $other = new Peer(Peer::json(200, ['name' => 'Thief']));
        $peer = new Peer(Peer::answer(307, '', "Location: $other->url/"));
        raised(UnexpectedAnswer::class, static fn () => $client($peer->url)->subscribeDin('JP1'));
        raised(AssertionError::class, static fn () => $other->asked(0.2));
    },
    'nothing shows the token' => function (Closure $client): void {
        $shop = $client('http://nowhere.invalid');
        ob_start();
        var_dump($shop);
        print_r($shop);
        var_export((array) $shop);
        $shown = ob_get_clean();
        $error = raised(Offhook\Errors\NetworkError::class, static fn () => $shop->getAccount());
        $shown .= $error . print_r($error->getTrace(), true) . json_encode($shop);
        lacks('tok-secret', $shown);
        lacks(base64_encode('shop:tok-secret'), $shown);
        raised(WrongArgument::class, static fn () => serialize($shop));
        raised(Error::class, static fn () => clone (new Offhook\Http\Credentials('a', 'b')));
    },
    'a client that cannot work is not made' => function (): void {
        foreach (['', 'api.example.com', 'ftp://a', 'https://', 'https://a?b', 'https://a#b', "https://a\nb", 'https:///x', 'https://a b'] as $url) {
            raised(WrongArgument::class, static fn () => new Client($url, 'shop', 'token'));
        }
        $error = raised(WrongArgument::class, static fn () => new Client('https://user:tok-secret@a', 'shop', 'tok-secret'));
        lacks('tok-secret', $error . print_r($error->getTrace()[0]['args'][2] ?? '', true));
        foreach ([['', 't'], ['a:b', 't'], ["a\n", 't'], ['a', ''], ['a', "t\n"]] as [$sid, $token]) {
            raised(WrongArgument::class, static fn () => new Client('https://a', $sid, $token));
        }
        foreach ([0.0, -1.0, NAN, INF] as $timeoutS) {
            raised(WrongArgument::class, static fn () => new Client('https://a', 'shop', 'token', $timeoutS));
        }
    },
    'an id that would name something else is refused' => function (): void {
        $shop = new Client('https://a', 'shop', 'token');
        foreach (['', '.', '..'] as $id) {
            raised(WrongArgument::class, static fn () => $shop->unsubscribeDin($id));
        }
        raised(WrongArgument::class, static fn () => $shop->setActionUrl('JP1', "\xff"));
        raised(Offhook\Errors\WrongScript::class, static fn () => $shop->setRules('JP1', ['open' => new Script()]));
    },
]);
