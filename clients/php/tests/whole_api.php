<?php

/**
 * Asks a running platform by every method, and prints by name what each returned.
 *
 * In the environment: OFFHOOK_URL, OFFHOOK_SID, OFFHOOK_TOKEN; a call that runs in OFFHOOK_CALL, and in
 * OFFHOOK_RECORDING what the call `call-0` left.
 */

declare(strict_types=1);

use Offhook\Client;
use Offhook\Script;

require __DIR__ . '/../autoload.php';

$names = ['URL', 'SID', 'TOKEN', 'CALL', 'RECORDING'];
[$url, $sid, $token, $call, $recording] = array_map(static fn (string $name) => (string) getenv("OFFHOOK_$name"), $names);
$client = new Client($url, $sid, $token);
$year = new DateTimeImmutable('2026-01-01');
$rules = ['open' => 'hangup'];
$free = $client->getDinList(features: ['transfer'], maxMinuteCost: 1.5)->current()['din_uid'];

echo json_encode([
    'reserveDin' => $client->reserveDin($free),
    'getReservationList' => $client->getReservationList(),
    'releaseDin' => $client->releaseDin($free),
    'subscribeDin' => $client->subscribeDin($free),
    'getSubscription' => $client->getSubscription($free),
    'getDiagnosis' => $client->getDiagnosis($free),
    'setActionUrl' => $client->setActionUrl($free, 'https://shop.example/'),
    'setUrls' => $client->setUrls($free, actionUrl: null, defaultAction: (new Script())->hangup()),
    'setRules' => $client->setRules($free, $rules),
    'getRules' => $client->getRules($free),
    'previewRules' => $client->previewRules($free, $year, anonymous: true),
    'deleteRules' => $client->deleteRules($free),
    'unsubscribeDin' => $client->unsubscribeDin($free),
    'getSubscriptionList' => $client->getSubscriptionList(),
    'getCallList' => iterator_to_array($client->getCallList(since: $year, number: '815012345678', limit: 1)),
    'getCall' => $client->getCall($call),
    'directCall' => $command = $client->directCall($call, (new Script())->say('en', 'One moment.')),
    'getCommand' => $client->getCommand($call, $command['command_id']),
    'hangUpCall' => $client->hangUpCall($call),
    'getTimeline' => $client->getTimeline('call-0'),
    'getRecordingList' => iterator_to_array($client->getRecordingList(heard: false, limit: 1)),
    'getRecording' => $client->getRecording($recording),
    'markRecording' => $client->markRecording($recording),
    'getRecordingLink' => $client->getRecordingLink($recording),
    'getRecordingAudio' => array_map(
        static fn (string $format) => bin2hex(substr($client->getRecordingAudio($recording, $format), 0, 4)),
        ['wav', 'mp3'],
    ),
    'deleteRecording' => $client->deleteRecording($recording),
    'getLedger' => iterator_to_array($client->getLedger(since: $year, limit: 2)),
    'getUsage' => iterator_to_array($client->getUsage(since: new DateTimeImmutable('2026-11-01'), limit: 1)),
    'getBreakers' => $client->getBreakers(),
    'rotateSigningSecret' => $client->rotateSigningSecret(dropOld: true),
    'setSigning' => $client->setSigning(['https://api.example.com']),
    'getSigning' => $client->getSigning(),
    'removeSigningSecret' => $client->removeSigningSecret(),
    'getAccount' => $client->getAccount(),
], JSON_THROW_ON_ERROR);
