<?php

declare(strict_types=1);

namespace Offhook;

use Offhook\Language\Option;
use Offhook\Language\Tag;
use Offhook\Language\Text;
use Offhook\Language\Url;

/** What callers hear: a text or a sound. It stands on a line of its own, or greets in `voicemail` and `gather`. */
final readonly class Prompt
{
    private const MOST_LOOPS = 100;

    private function __construct(public string $line)
    {
    }

    /** Read a text aloud; the language is a code such as `en`, `ja` or `en-gb`. */
    public static function say(string $language, string $text, int $loop = 1, ?string $voice = null): self
    {
        $words = ['say', Tag::of($language), Text::quoted($text), ...self::loop($loop), ...Option::voice($voice)];
        return new self(implode(' ', $words));
    }

    /** Play the sound at a URL: MP3, also WAV, OGG and FLAC. */
    public static function playback(string $url, int $loop = 1): self
    {
        return new self(implode(' ', ['playback', Url::of($url), ...self::loop($loop)]));
    }

    /** @return list<string> */
    private static function loop(int $loop): array
    {
        return Option::whole('loop', $loop, 1, self::MOST_LOOPS, default: 1);
    }
}
