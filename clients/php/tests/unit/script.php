<?php

/** Action text: what is written, and what is refused. */

declare(strict_types=1);

use Offhook\Errors\WrongScript;
use Offhook\Prompt;
use Offhook\Script;

$refused = static function (string $problem, Closure $work): void {
    same($problem, raised(WrongScript::class, $work)->problem);
};

return [
    'each action is written as the language has it' => function (): void {
        $script = (new Script())
            ->say('EN-gb', 'Welcome.', loop: 2, voice: 'alice')
            ->playback('https://example.com/a.mp3?mood=calm', loop: 3)
            ->pause(2)
            ->transfer(['+81-3-5550-0123', '81355500124'], ring: 20, max: 600, from: 'caller', confirm: true)
            ->voicemail(Prompt::say('en', 'Speak.'), max: 120)
            ->gather(Prompt::playback('https://example.com/menu.mp3'), digits: 1, timeout: 8, finish: '*', next: 'self');
        same(<<<'TEXT'
            say en-gb "Welcome." loop=2 voice=alice
            playback https://example.com/a.mp3?mood=calm loop=3
            pause 2
            transfer +81-3-5550-0123,81355500124 ring=20 max=600 from=caller confirm=1
            voicemail say en "Speak." max=120
            gather playback https://example.com/menu.mp3 digits=1 timeout=8 finish=* next=self
            TEXT, $script->text());
    },
    'what ends a call stands last' => function (): void {
        same("hangup", (new Script())->hangup()->text());
        same("reject busy", (new Script())->reject()->text());
        same("reject declined", (new Script())->reject('declined')->text());
        same("redirect https://example.com/next", (string) (new Script())->redirect('https://example.com/next'));
        same("gather", (new Script())->gather()->text());
        same("voicemail next=self", (new Script())->voicemail(next: 'self')->text());
    },
    'a verb leaves the script before as it is' => function (): void {
        $greeting = (new Script())->say('en', 'Hello');
        same("say en \"Hello\"\nhangup", $greeting->hangup()->text());
        same("say en \"Hello\"", $greeting->text());
    },
    'a text stays one argument whatever it holds' => function (): void {
        $written = static fn (string $text): string => (new Script())->say('en', $text)->text();
        same("say en \"He said \\\"hi\\\" \\\\ back\"", $written('He said "hi" \\ back'));
        same("say en \"a\\nb\\nc\\nd\"", $written("a\nb\r\nc\rd"));
        same("say en \"x\\\"\\nhangup\"", $written("x\"\nhangup"));
        same("say en \"\\\\n\"", $written('\n'));
        same("say en \"a b c\td\u{2028}e\"", $written("a\0b\u{9b}c\td\u{2028}e"));
        same("say en \"お電話 😀 “x” & <b>\"", $written('お電話 😀 “x” & <b>'));
        same("say en \"loop=5\"", $written('loop=5'));
    },
    'a text that cannot be read is refused' => function () use ($refused): void {
        $say = static fn (string $text) => static fn () => (new Script())->say('en', $text);
        $refused('not-utf8', $say("\x82\xe0"));
        $refused('missing-argument', $say(" \n\u{3000}"));
        $refused('missing-argument', $say("\0\x1b"));
        $refused('text-too-long', $say(str_repeat('あ', 2001)));
        $refused('ssml-not-accepted', $say("\n<SPEAK>Hello</SPEAK>"));
        same(2000 + strlen("say en \"\""), strlen((new Script())->say('en', str_repeat('a', 2000))->text()));
    },
    'a language is one that there is' => function () use ($refused): void {
        foreach (['jp', 'english', '', 'en gb', "en\n", 'en-', 'ja-jpn', ' '] as $language) {
            $refused('unknown-language', static fn () => (new Script())->say($language, 'Hello'));
        }
        same("say zh-hant-tw \"x\"", (new Script())->say('zh-Hant-TW', 'x')->text());
    },
    'every text is written or refused as in every language' => function () use ($refused): void {
        $file = dirname(getenv('OFFHOOK_VECTORS') ?: __DIR__ . '/../../../../tests/vectors/signatures.json') . '/texts.json';
        if (!is_file($file)) {
            return;
        }
        foreach (json_decode(file_get_contents($file), true, flags: JSON_THROW_ON_ERROR) as $vector) {
            if (isset($vector['line'])) {
                same($vector['line'], (new Script())->say('en', $vector['text'])->text());
            } else {
                $refused($vector['refused'], static fn () => (new Script())->say('en', $vector['text']));
            }
        }
    },
    'a number is E.164' => function () use ($refused): void {
        foreach (['03-5550-0123', '0081355500123', '123456', '1234567890123456', '81 3 5550 0123', "81355500123\n", '', '８１３'] as $number) {
            $refused('bad-number', static fn () => (new Script())->transfer($number));
        }
        $refused('missing-argument', static fn () => (new Script())->transfer([]));
        $refused('too-many-arguments', static fn () => (new Script())->transfer(array_fill(0, 11, '81355500123')));
        same("transfer +81-3-5550-0123,4930123456", (new Script())->transfer('+81-3-5550-0123,4930123456')->text());
    },
    'a URL is one that can be asked' => function () use ($refused): void {
        foreach ([
            'example.com/a.mp3', 'ftp://example.com/', 'https:/example.com/', 'https:///a', 'https://', 'https://user:word@example.com/',
            'https://example.com/a b', "https://example.com/\nhangup", 'https://example.com/"', "https://example.com/\u{a0}",
            "https://example.com/\u{202e}", 'https://example.com:0/', 'https://example.com:65536/', 'https://example.com:/',
            'https://[::g]/', 'https://a..b/', 'https://.a/', 'https://a b/', 'https://example.com\\a', "https://exa\u{2105}mple/",
            'https://example.com/' . str_repeat('a', 2000), "https://example.com/\x80", 'self', "https://\u{fdfa}/",
        ] as $url) {
            $refused('bad-url', static fn () => (new Script())->playback($url));
        }
        foreach (['HTTP://example.com', 'https://例え.jp/あ?b=c#d', 'https://[::1]:8080/', 'http://127.0.0.1:9000/', 'https://a_b.example./'] as $url) {
            same("playback $url", (new Script())->playback($url)->text());
        }
    },
    'options keep within their limits' => function () use ($refused): void {
        $refused('bad-option', static fn () => (new Script())->say('en', 'x', loop: 0));
        $refused('bad-option', static fn () => (new Script())->say('en', 'x', loop: 101));
        $refused('bad-option', static fn () => (new Script())->say('en', 'x', voice: 'a b'));
        $refused('bad-option', static fn () => (new Script())->transfer('81355500123', ring: 4));
        $refused('bad-option', static fn () => (new Script())->transfer('81355500123', max: 14401));
        $refused('bad-option', static fn () => (new Script())->transfer('81355500123', from: 'me'));
        $refused('bad-url', static fn () => (new Script())->transfer('81355500123', next: 'here'));
        $refused('bad-option', static fn () => (new Script())->gather(digits: 21));
        $refused('bad-option', static fn () => (new Script())->gather(timeout: 0));
        $refused('bad-option', static fn () => (new Script())->gather(finish: '##'));
        $refused('bad-option', static fn () => (new Script())->pause(61));
        $refused('bad-option', static fn () => (new Script())->reject('rude'));
    },
    'a script is as long as the language allows, and all of it can be reached' => function () use ($refused): void {
        $refused('empty-answer', static fn () => (new Script())->text());
        $full = array_reduce(range(1, 10), static fn (Script $script) => $script->pause(1), new Script());
        $refused('too-many-lines', static fn () => $full->pause(1));
        $long = (new Script())->say('en', str_repeat('あ', 2000));
        $refused('too-long', static fn () => $long->say('en', str_repeat('あ', 2000)));
        $refused('not-first', static fn () => (new Script())->pause(1)->reject());
        foreach ([
            (new Script())->hangup(), (new Script())->reject(), (new Script())->redirect('https://example.com'), (new Script())->gather(),
            (new Script())->voicemail(next: 'self'), (new Script())->transfer('81355500123', next: 'self'),
        ] as $ended) {
            $refused('unreachable-line', static fn () => $ended->pause(1));
        }
    },
];
