<?php

/** What is sent again, how often, and how long is waited. */

declare(strict_types=1);

use Offhook\Errors\NetworkError;
use Offhook\Errors\NetworkFault;
use Offhook\Errors\Throttled;
use Offhook\Errors\Unavailable;
use Offhook\Errors\UnexpectedAnswer;
use Offhook\Errors\WrongArgument;
use Offhook\Retries;

/** Retries that do not wait, but remember how long they would have. */
$counted = static function (ArrayObject $pauses, int $maxTries = 3, float $maxWaitS = 30.0): Retries {
    return new Retries($maxTries, $maxWaitS, $pauses->append(...));
};
$busy = Peer::json(429, ['detail' => 'Slowly.', 'code' => 'throttled', 'help' => 'h'], 'Retry-After: 2');
$away = Peer::json(503, ['detail' => 'Away.', 'code' => 'database-away', 'help' => 'h'], 'Retry-After: 1');
$good = Peer::json(200, Peer::whole(['name' => 'Shop']));

return with_each_transport([
    'the server says when, and is asked again then' => function (Closure $client) use ($counted, $busy, $away, $good): void {
        $pauses = new ArrayObject();
        $peer = new Peer($busy, $away, $good);
        same(Peer::whole(['name' => 'Shop']), $client($peer->url, $counted($pauses))->getAccount());
        same([2.0, 1.0], (array) $pauses);
    },
    'a POST keeps its key' => function (Closure $client) use ($counted, $busy, $good): void {
        $pauses = new ArrayObject();
        $peer = new Peer($busy, '', $good);
        $client($peer->url, $counted($pauses))->subscribeDin('JP1');
        $asked = [$peer->asked(), $peer->asked(), $peer->asked()];
        same(1, count(array_unique(array_map(static fn (array $one) => $one['headers']['idempotency-key'], $asked))));
        same(2, count($pauses));
    },
    'three tries are all' => function (Closure $client) use ($counted, $busy): void {
        $pauses = new ArrayObject();
        $peer = new Peer($busy);
        raised(Throttled::class, static fn () => $client($peer->url, $counted($pauses))->getAccount());
        same([2.0, 2.0], (array) $pauses);
    },
    'nobody waits for longer than allowed in all' => function (Closure $client) use ($counted, $busy, $away): void {
        $pauses = new ArrayObject();
        $peer = new Peer($busy, $busy, $busy);
        raised(Throttled::class, static fn () => $client($peer->url, $counted($pauses, 10, 5.0))->getAccount());
        same([2.0, 2.0], (array) $pauses);
        $pauses = new ArrayObject();
        $long = new Peer(str_replace('Retry-After: 1', 'Retry-After: 31', $away));
        raised(Unavailable::class, static fn () => $client($long->url, $counted($pauses))->getAccount());
        same([], (array) $pauses);
    },
    'a connection that breaks or is refused is tried again soon' => function (Closure $client) use ($counted, $good): void {
        foreach (['getAccount' => [], 'removeSigningSecret' => [], 'setRules' => ['x', ['open' => 'hangup']]] as $method => $arguments) {
            $pauses = new ArrayObject();
            $peer = new Peer('', '', $good);
            $client($peer->url, $counted($pauses))->$method(...$arguments);
            same(2, count($pauses));
            same(true, 0.25 <= $pauses[0] && $pauses[0] <= 0.5 && 0.5 <= $pauses[1] && $pauses[1] <= 1.0);
        }
        $listener = stream_socket_server('tcp://127.0.0.1:0');
        $address = stream_socket_get_name($listener, false);
        fclose($listener);
        $pauses = new ArrayObject();
        raised(NetworkError::class, static fn () => $client("http://$address", $counted($pauses))->getAccount());
        same(2, count($pauses));
    },
    'what will be the same a moment later is not tried again' => function (Closure $client) use ($counted): void {
        $pauses = new ArrayObject();
        $silent = new Peer(null);
        $work = static fn () => $client($silent->url, $counted($pauses), 0.2)->getAccount();
        same(NetworkFault::TimedOut, raised(NetworkError::class, $work)->fault);
        raised(NetworkError::class, static fn () => $client('http://nowhere.invalid', $counted($pauses))->getAccount());
        $page = new Peer(Peer::answer(502, '<p>'));
        raised(UnexpectedAnswer::class, static fn () => $client($page->url, $counted($pauses))->getAccount());
        same([], (array) $pauses);
    },
    'a wrong setting is refused' => function (): void {
        raised(WrongArgument::class, static fn () => new Retries(0));
        raised(WrongArgument::class, static fn () => new Retries(1, -1.0));
        raised(WrongArgument::class, static fn () => new Retries(1, NAN));
    },
]);
